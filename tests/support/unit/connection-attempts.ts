/** Which addresses this process tries to connect to, seen at its sockets. */
import { Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

/** Records every address from now to the end of the running test, whatever becomes of the attempt. */
export function recordConnectionAttempts(): readonly string[] {
  const attempts: string[] = []
  const { connect } = Socket.prototype
  const spy = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args) {
    this.on('connectionAttempt', (address: string) => attempts.push(address))
    return Reflect.apply(connect, this, args)
  })
  onTestFinished(() => void spy.mockRestore())
  return attempts
}
