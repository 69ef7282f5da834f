import { useDocumentTitle } from "@mantine/hooks";
import { useParams } from "@tanstack/react-router";
import { OrderPage } from "@/features/portfolio/order-life/OrderPage";

export default function Page() {
  const { id } = useParams({ from: "/desk/orders/$id" });
  useDocumentTitle(`Order ${id} · MTQuant`);
  return <OrderPage key={id} id={id} />;
}
