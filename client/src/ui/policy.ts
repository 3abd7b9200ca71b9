/**
 * What the pages allow themselves. The server sends the headers of `client/csp.json` with every page and every file of
 * `dist`, workers among them (a worker takes its policy from its own answer):
 *
 * `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:;
 * base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';
 * trusted-types svelte-trusted-html hanpyo-worker`
 *
 * So a page runs no script but its own files, talks to no other origin, and starts no worker but the one it names here.
 */
export interface WorkerPolicy {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: WorkerPolicy): WorkerPolicy;
}

/** Starts the one worker of a page; throws for any other address. May be asked again after a crash. */
export function workerStarter(known: string): () => Worker {
  const rules: WorkerPolicy = {
    createScriptURL: (url) => {
      if (url !== known) throw new TypeError(`not a worker of this page: ${url}`);
      return url;
    },
  };
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types ? types.createPolicy("hanpyo-worker", rules) : rules;
  return () => new Worker(policy.createScriptURL(known), { type: "module" });
}
