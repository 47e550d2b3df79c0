import { createAtprotoAuth } from 'next-atproto-auth'

export const auth = createAtprotoAuth({
  clientName: 'OAuth Tutorial',
  scope: 'atproto account:email repo:com.example.record',
  signInPage: '/',
})
