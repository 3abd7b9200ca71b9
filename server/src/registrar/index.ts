/** A registrar: issues passes, and never sees a ballot. */
export * from "./app.ts";
export * from "./evidence-record.ts";
export * from "./registrar.ts";
export * from "./rsa.ts";
export * from "./server-folder.ts";
export { defaultLimits, type RegistrarLimits } from "./service.ts";
