/** A Node process as the surroundings of code that runs anywhere. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Clock, randomBytes, systemClock } from "@hanpyo/crypto";
import { type FetchAnswer, fetcher, type Surroundings } from "../device/index.ts";

/** The system's clock, moved by the milliseconds (a decimal number) that the file holds: rehearsals only. */
export function fileClock(file: string): Clock {
  return {
    now: () => {
      const text = readFileSync(file, "utf8").trim();
      if (!/^-?[0-9]{1,15}$/.test(text)) throw new Error(`${file} does not hold milliseconds`);
      return systemClock.now() + Number(text);
    },
  };
}

/** The clock that HANPYO_CLOCK_FILE names, or the system's. */
export function clockOf(environment: Readonly<Record<string, string | undefined>>): Clock {
  const file = environment.HANPYO_CLOCK_FILE;
  return file === undefined || file === "" ? systemClock : fileClock(file);
}

/** `base` is the address that relative addresses of a board are meant under. */
export function nodeSurroundings(clock: Clock = systemClock, base?: string): Surroundings {
  const send = fetcher(
    (url, init) => fetch(url, init as RequestInit) as unknown as Promise<FetchAnswer>,
    (milliseconds) => AbortSignal.timeout(milliseconds),
  );
  return {
    fetch: (url, init) => send(base !== undefined && url.startsWith("/") ? `${base}${url}` : url, init),
    random: (length) => randomBytes(length),
    clock,
    wait: async (milliseconds) => {
      await wait(milliseconds);
    },
  };
}
