/** How the program is called, in everything that it says about itself. */
export const PROGRAM = 'npx pnpm hookline';
