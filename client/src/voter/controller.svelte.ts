/** Joins the session to its worker and to the address line: turns what the person does into messages, and answers into state. */
import { workerStarter } from "../ui/policy.ts";
import type { FromWorker, Lookup, ToWorker } from "./messages.ts";
import { type Route, readRoute } from "./route.ts";
import { type Action, initialSession, reduce, type Session, type Stage } from "./session.ts";
import { missingFeatures } from "./support.ts";
import url from "./worker.ts?worker&url";

const STANDING_EVERY = 15_000;

export class Controller {
  session = $state.raw<Session>(initialSession);
  route = $state.raw<Route>(readRoute(location.hash));
  looking = $state.raw<{ done: number; size: number } | null>(null);
  lookup = $state.raw<Lookup | null>(null);
  words = $state.raw<{ readonly list: readonly string[]; readonly language: "ko" | "en" } | null>(null);
  #start = workerStarter(url);
  #worker: Worker | null = null;

  constructor() {
    const missing = missingFeatures();
    if (missing.length > 0) {
      this.dispatch({ type: "unsupported", missing });
      return;
    }
    this.#launch();
    addEventListener("popstate", () => this.#followAddress());
    addEventListener("online", () => this.session.stage.at === "unreachable" && this.retry());
    setInterval(() => document.visibilityState === "visible" && this.#send({ type: "standing" }), STANDING_EVERY);
  }

  dispatch(action: Action): void {
    const before = screenOf(this.session.stage);
    this.session = reduce(this.session, action);
    const after = screenOf(this.session.stage);
    if (after !== before && this.route.view === "vote") this.#writeAddress(after, before);
  }

  retry(): void {
    this.dispatch({ type: "retry" });
    this.#send({ type: "open", base: location.origin });
  }

  enter(code: string): void {
    this.dispatch({ type: "enter" });
    this.#send({ type: "enter", code });
  }

  recover(words: string, code: string): void {
    this.dispatch({ type: "enter" });
    this.#send({ type: "recover", words, code });
  }

  goOn(): void {
    this.#send({ type: "go-on" });
  }

  lock(): void {
    this.dispatch({ type: "lock" });
    if (this.session.stage.at === "locking") this.#send({ type: "lock", choices: this.session.choices });
  }

  unlock(): void {
    this.dispatch({ type: "unlock" });
    this.#send({ type: "unlock" });
  }

  cast(): void {
    this.dispatch({ type: "cast" });
    if (this.session.stage.at === "sent") this.#send({ type: "cast" });
  }

  /** `null`: the vote this device cast last. */
  find(code: string | null): void {
    this.lookup = null;
    this.looking = { done: 0, size: 0 };
    this.#send({ type: "look-up", code });
  }

  showWords(language: "ko" | "en"): void {
    this.#send({ type: "words", language });
  }

  hideWords(): void {
    this.words = null;
  }

  erase(): void {
    this.#send({ type: "erase" });
  }

  visit(fragment: string): void {
    history.pushState(null, "", fragment);
    this.#followAddress();
  }

  #launch(): void {
    const worker = this.#start();
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.looking = null;
      this.dispatch({ type: "crash" });
      this.#launch();
    };
    this.#worker = worker;
    this.#send({ type: "open", base: location.origin });
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #receive(message: FromWorker): void {
    if (message.type === "looking") this.looking = message;
    if (message.type === "words") this.words = message;
    if (message.type === "erased") this.words = null;
    if (message.type === "looked-up") {
      this.looking = null;
      this.lookup = message.result;
    }
    this.dispatch(message);
  }

  #writeAddress(after: string | null, before: string | null): void {
    const fragment = after === null ? " " : `#/${after}`;
    if (after !== null && before !== null) history.pushState(null, "", fragment);
    else history.replaceState(null, "", after === null ? location.pathname : fragment);
  }

  /** The browser's back and forward buttons ask for a screen; the session decides whether it may be shown. */
  #followAddress(): void {
    this.route = readRoute(location.hash);
    if (this.route.view !== "vote") return;
    const [to, step] = this.route.screen.split("/");
    if (to === "read" || to === "choose" || to === "check")
      this.session = reduce(this.session, { type: "go", to, step: Number(step ?? 1) - 1 });
    const shown = screenOf(this.session.stage);
    if (shown !== (this.route.screen || null))
      history.replaceState(null, "", shown === null ? location.pathname : `#/${shown}`);
  }
}

/** The part of the address that names a screen one can go back to; null for all others. */
function screenOf(stage: Stage): string | null {
  if (stage.at === "read" || stage.at === "check") return stage.at;
  return stage.at === "choose" ? `choose/${stage.step + 1}` : null;
}
