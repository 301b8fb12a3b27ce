/** Says something in the corner; the layer that draws it comes when there is something to say. */
import { isProblem } from "./problem";

/** Say why something did not work. */
export async function tellFailure(error: unknown, title: string): Promise<void> {
  const message = isProblem(error) ? error.detail || error.title : "";
  const { notifications } = await import("@mantine/notifications");
  notifications.show({ color: "red", title, message });
}

/** Say that something was done. */
export async function tellDone(message: string): Promise<void> {
  const { notifications } = await import("@mantine/notifications");
  notifications.show({ message });
}
