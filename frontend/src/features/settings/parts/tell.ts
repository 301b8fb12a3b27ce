import { notifications } from "@mantine/notifications";
import { isProblem } from "@/shared/lib/problem";

/** Say in the corner why something did not work. */
export function tellProblem(error: unknown, title: string): void {
  const message = isProblem(error) ? error.detail || error.title : "";
  notifications.show({ color: "red", title, message });
}

/** Say in the corner that something was done. */
export function tellDone(message: string): void {
  notifications.show({ message });
}
