/** What somebody types and sends: the field is free at once, for the next. */

/** `send`: whether it was taken. What was refused goes back, unless something else is written there by then. */
export async function sendTyped(field: { value: string }, send: (text: string) => Promise<boolean>): Promise<void> {
  const text = field.value.trim();
  field.value = "";
  if (text && !(await send(text)) && !field.value) field.value = text;
}
