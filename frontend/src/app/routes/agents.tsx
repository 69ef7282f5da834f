import { AgentsPage } from "@/features/agents/AgentsPage";

export default function Page() {
  return <AgentsPage />;
}
