interface Asked<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks at once what one turn of the event loop asks one by one. A failure is everybody's who shared the question. */
export class TurnGroup<Item, Answer> {
  private waiting: Asked<Item, Answer>[] = [];

  /**
   * @param limit items of one question
   * @param askAll answers in the order of the items
   */
  constructor(
    private readonly limit: number,
    private readonly askAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
  ) {}

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) process.nextTick(() => this.flush());
      this.waiting.push({ item, resolve, reject });
    });
  }

  private flush(): void {
    const asked = this.waiting;
    this.waiting = [];
    for (let from = 0; from < asked.length; from += this.limit) void this.askGroup(asked.slice(from, from + this.limit));
  }

  private async askGroup(group: readonly Asked<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.askAll(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(answers[index]!));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
