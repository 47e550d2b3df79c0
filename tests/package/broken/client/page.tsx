'use client'
import { auth } from '../../auth'

export default function Leak() {
  return <p>{Object.keys(auth).join()}</p>
}
