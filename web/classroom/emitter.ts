/** Events with typed content, for what is no element of the page. */

type Act<Content> = (content: Content) => void;

export class Emitter<Events extends object> {
  private readonly acts = new Map<keyof Events, Set<Act<never>>>();

  /** Call `act` at each event `name`; what is returned ends that. */
  on<Name extends keyof Events>(name: Name, act: Act<Events[Name]>): () => void {
    const acts = this.acts.get(name) ?? new Set();
    this.acts.set(name, acts.add(act));
    return () => acts.delete(act);
  }

  protected tell<Name extends keyof Events>(name: Name, content: Events[Name]): void {
    for (const act of this.acts.get(name) ?? []) (act as Act<Events[Name]>)(content);
  }
}
