import { useDocumentTitle } from "@mantine/hooks";
import { AgentsPage } from "@/features/agents/AgentsPage";

export default function Page() {
  useDocumentTitle("Agents · MTQuant");
  return <AgentsPage />;
}
