/** Builds the app once for all browser tests, with nothing in its environment: no secret, key or address. */
import { AppFailedError, buildApp } from '../network/app-server.ts'

export default async function build(): Promise<void> {
  try {
    await buildApp()
  } catch (error) {
    if (error instanceof AppFailedError) console.error(error.output)
    throw error
  }
}
