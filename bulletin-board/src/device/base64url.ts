/** base64url without padding (RFC 4648 section 5), canonical only: how bytes stand in the JSON of the HTTP interfaces. */
import { err, type Result } from "@hanpyo/crypto";
import { decodeBase64, encodeBase64 } from "../log/index.ts";

export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function decodeBase64url(text: string): Result<Uint8Array, string> {
  if (/[+/=]/.test(text) || text.length % 4 === 1) return err("not base64url");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  const bytes = decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
  return bytes.ok ? bytes : err(bytes.error.detail);
}
