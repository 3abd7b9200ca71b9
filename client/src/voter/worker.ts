/** The resident's worker: all secrets live here and nowhere else. */
import { fetcher } from "@hanpyo/bulletin-board";
import { Desk } from "./desk.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { deviceStore } from "./store.ts";

const scope = self as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

const desk = new Desk(
  {
    fetch: fetcher<AbortSignal>(
      (url, { signal, ...init }) => fetch(url, signal ? { ...init, signal } : init),
      (milliseconds) => AbortSignal.timeout(milliseconds),
    ),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    clock: { now: () => Date.now() },
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    online: () => navigator.onLine,
  },
  deviceStore,
  (message) => scope.postMessage(message),
);

scope.onmessage = ({ data }) => {
  desk.receive(data).catch((error: unknown) => {
    // Out of the promise, so that the page's `onerror` hears it and starts a new worker.
    setTimeout(() => {
      throw error;
    });
  });
};
