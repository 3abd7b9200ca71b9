/** Addresses of the resident's page are fragments: they never reach a server. */
export type Route =
  | { readonly view: "vote"; readonly screen: string }
  | { readonly view: "look-up"; readonly code: string | null }
  | { readonly view: "how" }
  | { readonly view: "erase" };

export function readRoute(fragment: string): Route {
  const [view, rest] = fragment.replace(/^#\/?/, "").split("/", 2);
  if (view === "find") return { view: "look-up", code: rest ? rest : null };
  if (view === "how") return { view: "how" };
  if (view === "erase") return { view: "erase" };
  return { view: "vote", screen: [view, rest].filter(Boolean).join("/") };
}
