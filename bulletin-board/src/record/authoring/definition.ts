import { type DefinitionBody, definition, definitionBody } from "../definition.ts";
import { EntryType } from "../entry-types.ts";
import { definitionMessage } from "../messages.ts";
import { encodeRecord } from "../schema/cbor.ts";
import type { AuthoredEntry } from "./entry.ts";
import type { OfficialSigner } from "./official-signer.ts";

export const encodeDefinitionBody = (body: DefinitionBody): Uint8Array => encodeRecord(definitionBody, body);

/** Entry 0 from the CBOR of its body and two officials' signatures, in any order. Throws a RangeError if both are of one official. */
export async function signDefinition(
  body: Uint8Array,
  origin: string,
  officials: readonly [OfficialSigner, OfficialSigner],
): Promise<AuthoredEntry> {
  if (officials[0].official === officials[1].official) throw new RangeError("two different officials sign");
  const message = definitionMessage(origin, body);
  const signatures = [];
  for (const it of [...officials].sort((a, b) => a.official - b.official))
    signatures.push({ official: it.official, signature: await it.sign(message) });
  return { type: EntryType.definition, payload: encodeRecord(definition, { body, signatures }) };
}
