/**
 * A value that must not reach a log line, an error message or a JSON document by accident. Printing, serialising or
 * inspecting it shows a placeholder; only `reveal()` gives the value, so that every use can be found by searching.
 */
const PLACEHOLDER = "[secret]";

export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }

  /** What Node's `util.inspect` and `console.log` call; the symbol is registered globally, so no Node import is needed. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return PLACEHOLDER;
  }
}
