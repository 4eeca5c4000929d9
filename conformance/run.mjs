// Runs the official conformance suite against the client, for each protocol revision, and looks into what it reports.
//
//   npm ci --prefix conformance
//   mvn -pl conformance -am -DskipTests package
//   node conformance/run.mjs [revision ...]
//
// The suite takes a scenario without a single check for passed, and ignores a client that dies or was not started.
// So beside its own exit code, every scenario that is not expected to fail must have a check that succeeded, none that
// was skipped but for the ones in expected-skips.json, and a client that came to its end.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const node = join(here, 'node_modules/.bin/node');
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance');
const expectedFailures = join(here, 'expected-failures.yml');
// The suite splits the command at spaces and leaves it to a shell.
const client = relative(process.cwd(), join(here, 'client')).replace(/^(?!\.)/, './');
const timeout = process.env.CONFORMANCE_TIMEOUT_MS ?? '600000';

/** The scenarios with their checks, by the name of the folder that the suite made, which ends in the time. */
function results(folder) {
    const found = new Map();
    for (const entry of readdirSync(folder, { recursive: true })) {
        if (entry.endsWith('checks.json')) {
            const scenario = dirname(entry).replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
            found.set(scenario, {
                checks: JSON.parse(readFileSync(join(folder, entry), 'utf8')),
                completed: readFileSync(join(folder, dirname(entry), 'stdout.txt'), 'utf8')
                    .endsWith(`completed ${scenario}\n`)
            });
        }
    }
    return found;
}

/** The scenarios that a revision requires of clients, as the suite's own list has them. */
function required(revision) {
    const text = readFileSync(join(suite, 'requirements', `${revision}.yaml`), 'utf8');
    return text.match(/^client:\n((?: {2}- .*\n)+)/m)[1].match(/- (.*)/g).map((line) => line.slice(2));
}

function judge(revision, folder) {
    const mayFail = new Set(readFileSync(expectedFailures, 'utf8').match(/^ {2}- .*/gm)?.map((line) => line.slice(4)));
    const skips = JSON.parse(readFileSync(join(here, 'expected-skips.json'), 'utf8'));
    const found = results(folder);
    const problems = [];
    console.log(`\n| ${revision} | succeeded | failed | warnings | skipped | |\n| --- | --- | --- | --- | --- | --- |`);
    const scored = new Set(required(revision));
    for (const scenario of new Set([...scored, ...found.keys()])) {
        const { checks, completed } = found.get(scenario) ?? { checks: [], completed: false };
        const count = (status) => checks.filter((check) => check.status === status).length;
        const remark = !scored.has(scenario) ? 'not scored' : mayFail.has(scenario) ? 'expected to fail' : '';
        console.log(`| ${scenario} | ${count('SUCCESS')} | ${count('FAILURE')} | ${count('WARNING')} `
            + `| ${count('SKIPPED')} | ${remark} |`);
        if (remark && !(remark === 'not scored' && !scenario.startsWith('auth/'))) {
            continue;
        }
        if (count('SUCCESS') === 0) {
            problems.push(`${scenario}: no check succeeded`);
        }
        if (count('FAILURE') + count('WARNING') > 0) {
            problems.push(`${scenario}: ${checks.filter((check) => /FAILURE|WARNING/.test(check.status))
                .map((check) => `${check.id} (${check.errorMessage ?? check.description})`).join('; ')}`);
        }
        if (!completed) {
            problems.push(`${scenario}: the client did not come to its end`);
        }
        for (const check of checks.filter((each) => each.status === 'SKIPPED')) {
            if (!skips[scenario]?.[check.name]) {
                problems.push(`${scenario}: skipped ${check.name} (${check.errorMessage ?? check.description})`);
            }
        }
    }
    return problems;
}

if (!existsSync(node)) {
    console.error('Install the suite first: npm ci --prefix conformance');
    process.exit(69);
}
let failed = false;
for (const revision of process.argv.length > 2 ? process.argv.slice(2) : ['2025-11-25', '2026-07-28']) {
    const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    try {
        const run = spawnSync(
            node,
            [join(suite, 'dist/index.js'), 'client', '--command', client, '--requirements', revision,
                '--expected-failures', expectedFailures, '--timeout', timeout, '-o', folder],
            { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: '1' } });
        const problems = judge(revision, folder);
        for (const problem of problems) {
            console.log(`\nPROBLEM ${problem}`);
        }
        if (run.status !== 0 || problems.length > 0) {
            failed = true;
            console.log(`\n${run.stdout}\n${run.stderr}`);
        }
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
console.log(failed ? '\nConformance: FAILED' : '\nConformance: passed');
process.exit(failed ? 1 : 0);
