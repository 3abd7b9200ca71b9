/** Compiles the sources in `engine-wasm/assembly/`: byte-identical output for the same compiler version. Needs AssemblyScript; Node only. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fieldSource } from "../../engine-wasm/generate-field.ts";

const ASSEMBLY = path.join(import.meta.dirname, "../../engine-wasm/assembly");

interface Compiler {
  main(
    options: readonly string[],
    host: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: Uint8Array | string): void;
      listFiles(): string[];
      stderr: { write(text: string): void };
    },
  ): Promise<{ error: Error | null }>;
}

/** The sources end in `.as`, because they are not TypeScript; the compiler asks for `.ts`. */
function readSource(name: string): string | null {
  const file = path.basename(name).replace(/\.ts$/, ".as");
  if (path.dirname(name) !== ".") return null;
  if (file === "field.generated.as") return fieldSource();
  try {
    return readFileSync(path.join(ASSEMBLY, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The module's bytes. `compiler` is where the compiler is imported from. */
export async function compile(compiler = "assemblyscript/asc"): Promise<Uint8Array> {
  const asc = ((await import(compiler)) as { default: Compiler }).default;
  const written = new Map<string, Uint8Array | string>();
  const messages: string[] = [];
  const options = "index.ts -O3 --runtime stub --noAssert --use abort= --initialMemory 2 --maximumMemory 1024";
  const { error } = await asc.main([...options.split(" "), "--outFile", "m.wasm"], {
    readFile: readSource,
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
    stderr: { write: (part) => void messages.push(part) },
  });
  if (error !== null) throw new Error(`${error.message}\n${messages.join("")}`);
  return written.get("m.wasm") as Uint8Array;
}
