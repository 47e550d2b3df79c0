/** Keeps this process from doing anything else for so long, as work for many requests does. */
export function beBusy(ms: number): void {
  const endsAt = performance.now() + ms
  while (performance.now() < endsAt);
}
