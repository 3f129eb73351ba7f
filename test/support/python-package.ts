/** What flit or setuptools does for a pure package, without fetching these: a wheel of it, or one that leads to its directory. */
const BACKEND = `
import os, zipfile

def build(to, files):
    wheel = f"{NAME}-1.0-py3-none-any.whl"
    info = f"{NAME}-1.0.dist-info"
    needs = "".join(f'Provides-Extra: {extra}\\nRequires-Dist: {need}; extra == "{extra}"\\n' for extra, need in EXTRAS.items())
    about = {
        "METADATA": f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 1.0\\n{needs}",
        "WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(to, wheel), "w") as archive:
        for name, text in {**files, **{f"{info}/{name}": text for name, text in about.items()}}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return wheel

def build_wheel(to, config_settings=None, metadata_directory=None):
    with open(f"{NAME}/__init__.py") as file:
        return build(to, {f"{NAME}/__init__.py": file.read()})

def build_editable(to, config_settings=None, metadata_directory=None):
    return build(to, {f"{NAME}.pth": os.getcwd()})
`

/** Version 1.0 of a package of that name, which is built by nothing but itself. `extras`: what each of them needs. */
export function pythonPackage(
  directory: string,
  name: string,
  text: string,
  extras: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const optional = Object.entries(extras).map(([extra, need]) => `${extra} = ["${need}"]\n`)
  const table = optional.length === 0 ? '' : `[project.optional-dependencies]\n${optional.join('')}`
  return {
    [`${directory}/pyproject.toml`]: `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "1.0"\ndescription = "x"\n${table}`,
    [`${directory}/backend.py`]: `NAME = "${name}"\nEXTRAS = ${JSON.stringify(extras)}\n${BACKEND}`,
    [`${directory}/${name}/__init__.py`]: text,
  }
}
