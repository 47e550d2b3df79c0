interface OrdersProps {
  readonly params: Promise<{ readonly locale: string }>
}

export default async function Page({ params }: OrdersProps) {
  return <h1>Orders in {(await params).locale}</h1>
}
