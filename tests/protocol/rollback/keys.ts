/** The secret and keys that tests/fixtures/sealed-0.1.0 was made with. They protect nothing. */

/** Seals rows and cookies. */
export const SECRET = 'Vh2pXk7-tRm4_wQz9.NcLs6~BdJ1+yGf'

/** Of the confidential client. */
export const clientKey = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'key-of-the-fixtures',
  x: 'A-D0VlnFLbY8cdrvRzDJDI_9I7toNWjFr3iq3OAyRHU',
  y: 'bjxvIbT4BqpOkRecbMCkKKw3DzjLhLUOHCDnDdcjiME',
  d: 'ryV9VSkoBTZkWLmj3MbvTOANAosziydD18Rojwrdps8',
} as const

/** The DPoP key of a session of the official client, which allows this curve. */
export const officialKey = {
  kty: 'EC',
  crv: 'secp256k1',
  x: 'Zj39mZa4t5ok02feuKvAIKQMKFdv4wggfi5YGcn_7CE',
  y: 'fzrpArLfsBREAWkuVpDGDKcdjvwD6_V-iH4TeKmxyVk',
  d: 'kWvJl_ws5Kq8LKqsFp0LazuqFhUG1jfa4_qVH3k8Jzw',
} as const
