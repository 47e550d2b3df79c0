/** A certificate authority for one run, and a server certificate from it, made by the `openssl` program. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface ServerCertificate {
  /** PEM of the authority: what a client must trust. */
  readonly ca: string
  /** PEM of the server's certificate. */
  readonly cert: string
  /** PEM of the server's private key. */
  readonly key: string
}

/**
 * Makes a new authority and a certificate for `host`, valid for two days.
 *
 * @param folder where the files go; made when missing, deleted by the caller
 * @throws Error that says so when there is no `openssl` program
 */
export async function createCertificate(host: string, folder: string): Promise<ServerCertificate> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'openssl.cnf'), opensslConfig(host))
  const newKey = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-config',
    'openssl.cnf',
  ]
  await openssl(folder, ['req', '-x509', ...newKey, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem'])
  await openssl(folder, [
    'req',
    ...newKey,
    '-subj',
    `/CN=${host}`,
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  ])
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
  const extensions = ['-extfile', 'openssl.cnf', '-extensions', 'server']
  await openssl(folder, ['x509', '-req', '-in', 'server.csr', ...signer, ...extensions, '-out', 'server.pem'])
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  return { ca: await read('ca.pem'), cert: await read('server.pem'), key: await read('server.key') }
}

/** An own configuration, since the machine's default one differs between systems. */
function opensslConfig(host: string): string {
  return `[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = Local test authority
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:${host}
`
}

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  try {
    await run('openssl', [...args], { cwd: folder })
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing) throw error
    const advice = 'Install it (Debian: apt-get install openssl) to use an https host on the local network.'
    throw new Error(`The program "openssl" was not found; it makes the test certificate. ${advice}`, {
      cause: error,
    })
  }
}
