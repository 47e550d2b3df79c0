import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import 'next-atproto-auth/react/styles.css'
import './globals.css'

export const metadata: Metadata = {
  title: 'OAuth Tutorial',
  description: 'AT Protocol OAuth with Next.js',
}

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
