/** What a thing of the palette is while it is dragged. */
export const DRAGGED = 'application/x-baton-node';
