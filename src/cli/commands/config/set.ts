import { reportProblem } from '../../../control/report-problem.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import { setSetting } from '../../../operations/module/change-config.ts'
import { formatProblem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { placeText, placeToSet } from './place.ts'
import { isTaken, problemsIn, shownValue, takenText, whenText } from './text.ts'

export async function run([name, value]: readonly [string, string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const place = placeToSet(name, readConfig(paths, readHardware(), process.env).config)
  const { file, read, report, explained } = await setSetting(paths, process.env, place, value.trim())
  const own = explained.written.find(({ where, variant }) => {
    const key = variant === undefined ? explained.key : `${explained.key}[${variant}]`
    return where.file === file && key === place.key
  })
  const counts = own?.standing === 'counts'
  const where = 'where' in explained.from ? placeText(explained.from.where, paths) : 'the default'
  const taken = isTaken(report)
  const text = [
    `[${place.section}] ${place.key} = ${shownValue(explained, value.trim())} stands in ${placeText({ file, line: own?.where.line ?? 1 }, paths)}.`,
    ...(counts
      ? [`It takes effect ${whenText(explained)}`, ...takenText(report)]
      : [`It does not count here: the value is ${shownValue(explained, explained.value)}, from ${where}.`]),
    ...read.problems.map(formatProblem),
  ]
  const data = {
    section: place.section,
    key: place.key,
    file,
    line: own?.where.line ?? null,
    counts,
    value: shownValue(explained, explained.value),
    takesEffect: explained.known?.takesEffect ?? 'at once',
    taken: report === undefined ? null : taken,
    problems: [...read.problems.map(reportProblem), ...(taken || report === undefined ? [] : problemsIn(report))],
  }
  return { data, text: text.join('\n'), exitCode: taken ? 0 : 1 }
}
