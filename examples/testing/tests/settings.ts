/** Where the tests run the application and its network. */
const { APP_PORT = '3100', NETWORK_PORT = '3101' } = process.env

export const publicUrl = `http://127.0.0.1:${APP_PORT}`
export const networkPort = Number(NETWORK_PORT)
export const networkUrl = `http://127.0.0.1:${networkPort}`
/** The application and the tests see the same sessions, which are not those of development. */
export const dataDirectory = '.atproto-test'
export const secret = 'for-the-tests-alone-0123456789-abcdefgh'
