import { MemoryPage } from "@/features/memory/memory-page";

export default MemoryPage;
