/** Joins the observers' page to its worker. */
import type { Report } from "@hanpyo/bulletin-board";
import { workerStarter } from "../ui/policy.ts";
import { type Connection, Live } from "./live.ts";
import type {
  BoardFault,
  FromObserver,
  LiveBoard,
  ObservedElection,
  ReceiptPaper,
  ToObserver,
  VerificationProgress,
} from "./messages.ts";
import url from "./worker.ts?worker&url";

export type Run =
  | { readonly state: "idle" }
  | { readonly state: "running" | "paused"; readonly progress: VerificationProgress | null }
  | { readonly state: "done"; readonly report: Report; readonly code: string; readonly worked: number }
  | { readonly state: "unreadable"; readonly detail: string }
  | { readonly state: "crashed" };

export type View = "live" | "verify" | "result";

const viewOf = (fragment: string): View => {
  const name = fragment.replace(/^#\/?/, "");
  return name === "verify" || name === "result" ? name : "live";
};

export class ObserverController {
  election = $state.raw<ObservedElection | null>(null);
  board = $state.raw<LiveBoard | null>(null);
  fault = $state.raw<{ readonly why: BoardFault; readonly detail: string } | null>(null);
  connection = $state.raw<Connection>("connecting");
  run = $state.raw<Run>({ state: "idle" });
  view = $state.raw<View>(viewOf(location.hash));
  #worker: Worker;
  #start = workerStarter(url);

  constructor() {
    this.#worker = this.#launch();
    addEventListener("popstate", () => {
      this.view = viewOf(location.hash);
    });
    const live = new Live(
      () => this.#send({ type: "refresh" }),
      (connection) => {
        this.connection = connection;
      },
    );
    void live.connect();
  }

  visit(view: View): void {
    history.pushState(null, "", view === "live" ? location.pathname : `#/${view}`);
    this.view = view;
  }

  verify(receipts: readonly ReceiptPaper[]): void {
    this.run = { state: "running", progress: null };
    this.#send({ type: "verify", receipts });
  }

  pause(): void {
    if (this.run.state === "running") this.run = { ...this.run, state: "paused" };
    this.#send({ type: "pause" });
  }

  resume(): void {
    if (this.run.state === "paused") this.run = { ...this.run, state: "running" };
    this.#send({ type: "resume" });
  }

  stop(): void {
    this.#send({ type: "stop" });
  }

  #launch(): Worker {
    const worker = this.#start();
    worker.onmessage = (event: MessageEvent<FromObserver>) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      if (this.run.state === "running" || this.run.state === "paused") this.run = { state: "crashed" };
      this.#worker = this.#launch();
    };
    worker.postMessage({ type: "open", base: location.origin } satisfies ToObserver);
    return worker;
  }

  #send(message: ToObserver): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromObserver): void {
    switch (message.type) {
      case "opened":
        this.election = message.election;
        return;
      case "board":
        this.board = message.board;
        this.fault = null;
        return;
      case "unreachable":
        this.fault = message;
        return;
      case "progress":
        if (this.run.state === "running" || this.run.state === "paused")
          this.run = { state: this.run.state, progress: message.progress };
        return;
      case "report":
        this.run = { state: "done", report: message.report, code: message.code, worked: message.worked };
        return;
      case "unreadable":
        this.run = { state: "unreadable", detail: message.detail };
        return;
      case "stopped":
        this.run = { state: "idle" };
        return;
    }
  }
}
