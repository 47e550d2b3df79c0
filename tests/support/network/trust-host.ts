/**
 * Lets this process reach one made-up host: its name leads to 127.0.0.1 and its private authority counts
 * as trusted. The PDSes run in this process, and they fetch a confidential client's metadata from there.
 */
import dns from 'node:dns'
import tls from 'node:tls'

/**
 * Teaches the process a host name and an authority. All other names and authorities stay as they are.
 *
 * @param ca PEM
 * @returns takes both back; a second call does nothing
 */
export function trustHost(host: string, ca: string): () => void {
  const forgetName = nameLoopback(host)
  const previous = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...previous, ca])
  let isTrusted = true
  return () => {
    if (!isTrusted) return
    isTrusted = false
    forgetName()
    const own = ca.trim()
    tls.setDefaultCACertificates(tls.getCACertificates('default').filter((pem) => pem.trim() !== own))
  }
}

/** A proxy keeps everything else of `dns.lookup`: its options, its callback forms, its promisified form. */
function nameLoopback(host: string): () => void {
  const original = dns.lookup
  let isActive = true
  const patched = new Proxy(original, {
    apply(target, self, args: unknown[]) {
      const [name, ...rest] = args
      return Reflect.apply(target, self, isActive && name === host ? ['127.0.0.1', ...rest] : args)
    },
  })
  dns.lookup = patched
  return () => {
    isActive = false
    // When somebody patched on top of us, the inactive proxy stays below and passes everything on.
    if (dns.lookup === patched) dns.lookup = original
  }
}
