import './globals.css'
import './controls.css'
import './pages.css'
import './home.css'
import './frame.css'
import './account-menu.css'
import './posts.css'
import './compose/compose.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { SiteHeader } from './_frame/site-header.tsx'

export const metadata: Metadata = {
  title: { default: 'Next ATProto', template: '%s · Next ATProto' },
  description: 'Sign in to a Next.js app with your AT Protocol account: Bluesky or any other server.',
  applicationName: 'Next ATProto',
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f8f7' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1514' },
  ],
}

/** The frame of every page: skip link, header, main landmark, footer. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip-link" href="#main">
          Skip to content
        </a>
        <SiteHeader />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        <footer className="site-footer">
          <p>Your password stays on your server. This app never sees it.</p>
        </footer>
      </body>
    </html>
  )
}
