/** Resolves when the condition holds; rejects after `patience` milliseconds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patience = 90_000,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
