/**
 * The rules for the head of a record. What few records need is fetched only for those that do: ES256 where an official has
 * such a passkey, the judgement of complaints where one stands. Nothing is left out by that: without its rule an entry is
 * refused, without its verifier a signature is not judged but the reading ends.
 */
import { ok, type Result } from "@hanpyo/crypto";
import type { DefinitionBody } from "../record/definition.ts";
import { EntryType } from "../record/entry-types.ts";
import type { RuleTable, RuleTools } from "../record/rule.ts";
import { setupRules } from "../record/rules/setup.ts";
import type { ProvedEntry } from "./log-reader.ts";
import { type Trouble, trouble } from "./transport.ts";

const withoutPasskeys: RuleTools = {
  verifyP256: () => {
    throw new Error("no official of this definition has an ES256 key");
  },
};

/** `unavailable` where a part does not come. */
export async function headRules(
  { officials }: DefinitionBody,
  entries: readonly ProvedEntry[],
): Promise<Result<{ readonly table: RuleTable; readonly tools: RuleTools }, Trouble>> {
  const passkeys = officials.some(({ key }) => key.algorithm !== "Ed25519");
  const complaints = entries.some(({ entry }) => entry.type === EntryType.complaint);
  try {
    const tools = passkeys ? await import("../record/p256.ts") : withoutPasskeys;
    const table = new Map(setupRules());
    if (complaints) table.set(EntryType.complaint, (await import("../record/rules/complaint.ts")).judgeComplaint);
    return ok({ table, tools });
  } catch (error) {
    return trouble("unavailable", `a part of the rules: ${error instanceof Error ? error.message : "not loaded"}`);
  }
}
