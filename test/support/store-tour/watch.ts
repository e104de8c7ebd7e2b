/** Which methods of stores have been called, by class. */
export class CallWatch {
  private readonly called = new Map<string, Set<string>>();
  private readonly classes = new Map<string, object>();

  /** The store itself; its own calls of its methods are seen as well. */
  watch<Store extends object>(store: Store): Store {
    const { name, prototype } = store.constructor as { name: string; prototype: object };
    const called = this.called.get(name) ?? new Set<string>();
    this.called.set(name, called);
    this.classes.set(name, prototype);
    return new Proxy(store, {
      get(target, key, receiver) {
        if (typeof key === 'string') called.add(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
  }

  /** The classes that were watched. */
  get seen(): string[] {
    return [...this.classes.keys()];
  }

  /** `Class.method` of every method that nobody has called. */
  get missed(): string[] {
    return [...this.classes].flatMap(([name, prototype]) =>
      Object.getOwnPropertyNames(prototype)
        .filter((method) => method !== 'constructor' && !this.called.get(name)!.has(method))
        .map((method) => `${name}.${method}`),
    );
  }
}
