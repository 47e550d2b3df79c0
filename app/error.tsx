'use client'

export { FailureMessage as default } from './_failure/failure-message.tsx'
