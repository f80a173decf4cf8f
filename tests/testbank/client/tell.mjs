/* Tells the stories that are named: node tell.mjs NAME ... */
import {stories as payments} from './stories.mjs';
import {stories as told} from './told.mjs';

const stories = {...payments, ...told};
for (const name of process.argv.slice(2)) {
    if (!(name in stories)) throw new Error(`no story is called ${name}`);
    await stories[name]();
    process.stdout.write(`told ${name}\n`);
}
process.exit(0);
