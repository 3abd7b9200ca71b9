// What the module exports: functions on flat memory. Addresses and sizes are the caller's; see ../module.ts.
export { addTerms, ballotTerms, beginTerms, readBallot, schnorrTerms, sumRoom, sumTerms } from "./ballot";
export { feCanonical, feFromBytes, feHalfSum, feInverseRoot, feToBytes } from "./field";
export { feAdd, feAddMul, feMul, feSquare, feSquareTimes, feSub, feSubMul } from "./field.generated";
export {
  addCached,
  addExtended,
  addTable,
  decodePoints,
  doubleExtended,
  encodePoint,
  setCached,
  setIdentity,
  subtractCached,
  subtractTable,
  toTable,
} from "./point";
export { reduceNegated, reduceScalars, reduceWide } from "./scalar";
export { sha512 } from "./sha512";

/** The first address that is free for the caller. */
export function heapBase(): usize {
  return __heap_base;
}
