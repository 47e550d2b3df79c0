import { type NextRequest, NextResponse } from 'next/server'
import { authProxy } from 'next-atproto-auth/middleware'

/** What a package for languages does: without one in the path it shows the page in English, at the same address. */
function speak(request: NextRequest): NextResponse {
  const url = request.nextUrl.clone()
  if (!url.pathname.startsWith('/orders')) return NextResponse.next()
  url.pathname = `/en${url.pathname}`
  // Bound to 127.0.0.1 behind a TLS front, Next would ask itself by https (vercel/next.js#94745).
  url.protocol = 'http:'
  return NextResponse.rewrite(url)
}

export default authProxy(
  {
    protect: ['/account/:path*', '/orders/:path*', '/:locale/orders/:path*'],
    except: ['/:locale/orders/faq'],
  },
  speak,
)
export const config = { matcher: ['/', '/account/:path*', '/orders/:path*', '/:locale/orders/:path*'] }
