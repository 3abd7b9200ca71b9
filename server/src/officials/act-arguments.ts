/** Acts as they are typed on the command line, and as they are read back to a person before a signature. */
import { type Act, type ActType, EntryType, entryTypeName } from "@hanpyo/bulletin-board";
import { bytesToHex } from "@hanpyo/crypto";
import { hash32, required, UsageError, wholeNumber } from "../trustees/command-line.ts";

export const actNames = {
  client: EntryType.client,
  restart: EntryType.restart,
  open: EntryType.open,
  pause: EntryType.pause,
  resume: EntryType.resume,
  extend: EntryType.extend,
  abort: EntryType.abort,
  notice: EntryType.notice,
  "witness-change": EntryType.witnessChange,
} as const satisfies Record<string, ActType>;

export const actOptions = {
  at: { type: "string" },
  seconds: { type: "string" },
  "text-ko": { type: "string" },
  "text-en": { type: "string" },
  group: { type: "string" },
  round: { type: "string" },
  digests: { type: "string" },
  witness: { type: "string", multiple: true },
  quorum: { type: "string" },
  dishonest: { type: "string" },
} as const;

export interface ActArguments {
  readonly at?: string | undefined;
  readonly seconds?: string | undefined;
  readonly "text-ko"?: string | undefined;
  readonly "text-en"?: string | undefined;
  readonly group?: string | undefined;
  readonly round?: string | undefined;
  readonly digests?: string | undefined;
  readonly witness?: string[] | undefined;
  readonly quorum?: string | undefined;
  readonly dishonest?: string | undefined;
}

/** The act that was typed; `now` in seconds stands in for `--at`. Throws a UsageError naming what is missing. */
export function actFromArguments(name: string, values: ActArguments, now: number): Act {
  if (!Object.hasOwn(actNames, name))
    throw new UsageError(`there is no act ${name}; acts are ${Object.keys(actNames).join(", ")}`);
  const type = actNames[name as keyof typeof actNames];
  const at = values.at === undefined ? now : wholeNumber(values.at, "at");
  const text = () => ({ ko: required(values["text-ko"], "text-ko"), en: required(values["text-en"], "text-en") });
  const number = (option: "seconds" | "group" | "round" | "quorum" | "dishonest", min: number) =>
    wholeNumber(required(values[option], option), option, min);
  switch (type) {
    case EntryType.open:
    case EntryType.resume:
      return { type, body: { at } };
    case EntryType.pause:
    case EntryType.abort:
      return { type, body: { at, reason: text() } };
    case EntryType.extend:
      return { type, body: { at, seconds: number("seconds", 1), reason: text() } };
    case EntryType.restart:
      return { type, body: { group: number("group", 0), round: number("round", 1) } };
    case EntryType.client:
      return { type, body: { digests: hash32(required(values.digests, "digests"), "digests"), reason: text() } };
    case EntryType.notice:
      return { type, body: { text: text() } };
    case EntryType.witnessChange: {
      const witnesses = values.witness ?? [];
      if (witnesses.length === 0) throw new UsageError("--witness is missing (a verifier key; repeat it)");
      return {
        type,
        body: { witnesses, quorum: number("quorum", 1), dishonest: number("dishonest", 0), reason: text() },
      };
    }
  }
}

/** Everything an act says, a line per field. */
export function describeAct(act: Act): string[] {
  const lines = [`act: ${entryTypeName(act.type)}`];
  for (const [name, value] of Object.entries(act.body as Record<string, unknown>)) {
    if (name === "at" && typeof value === "number") lines.push(`  at: ${new Date(1000 * value).toISOString()}`);
    else if (value instanceof Uint8Array) lines.push(`  ${name}: ${bytesToHex(value)}`);
    else if (typeof value === "object" && value !== null && "ko" in value)
      lines.push(`  ${name} (ko): ${(value as { ko: string }).ko}`, `  ${name} (en): ${(value as { en?: string }).en}`);
    else lines.push(`  ${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`);
  }
  return lines;
}
