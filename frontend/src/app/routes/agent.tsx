import { useDocumentTitle } from "@mantine/hooks";
import { useParams } from "@tanstack/react-router";
import { AgentPage } from "@/features/agents/AgentPage";

export default function Page() {
  const { slug } = useParams({ from: "/desk/agents/$slug" });
  useDocumentTitle(`${slug} · MTQuant`);
  return <AgentPage key={slug} slug={slug} />;
}
