/** Ends a client of the package `redis` at once, in any version of it. */
export async function endClient(client: { destroy?(): void; disconnect(): Promise<unknown> }): Promise<void> {
  // Version 4 has no `destroy`.
  if (client.destroy) client.destroy()
  else await client.disconnect()
}
