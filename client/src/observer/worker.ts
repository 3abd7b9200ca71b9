/** The observers' worker: reads the record and verifies it, with the browser's own RSA where it helps. */
import { anywhere, fetcher } from "@hanpyo/bulletin-board";
import type { FromObserver, ToObserver } from "./messages.ts";
import { Observer } from "./observer.ts";

const scope = self as unknown as {
  postMessage(message: FromObserver): void;
  onmessage: ((event: MessageEvent<ToObserver>) => void) | null;
};

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const observer = new Observer(
  {
    fetch: fetcher<AbortSignal>(
      (url, { signal, ...init }) => fetch(url, signal ? { ...init, signal } : init),
      (milliseconds) => AbortSignal.timeout(milliseconds),
    ),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    clock: { now: () => Date.now() },
    wait,
    online: () => navigator.onLine,
    platform: { ...anywhere(), breathe: () => wait(0) },
  },
  (message) => scope.postMessage(message),
);

scope.onmessage = ({ data }) => {
  observer.receive(data).catch((error: unknown) => {
    // Out of the promise, so that the page's `onerror` hears it.
    setTimeout(() => {
      throw error;
    });
  });
};
