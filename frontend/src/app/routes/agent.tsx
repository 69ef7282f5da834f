import { Empty } from "@/ui/States";

export default function Page() {
  return <Empty title="agent" />;
}
