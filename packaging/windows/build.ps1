<#
.SYNOPSIS
Builds the Windows installer: dist\caseworth-VERSION-windows-x86_64.exe.

.DESCRIPTION
Run it in a "Developer PowerShell for Visual Studio" on Windows 10 or 11, 64 bits, from the folder of the repository.
Needed: Python 3.11 or newer, Visual Studio's C++ tools with CMake, NSIS 3.08 or newer, git. Packages come from the lock
files, with their digests checked. Nothing is signed unless $env:CASEWORTH_SIGN_WINDOWS names a command that does it
(docs\signing-code.md). The same commit and tools give the same program.

.PARAMETER Python
The Python that makes the environment.

.PARAMETER Out
Folder of the installer.

.PARAMETER Llama
Folder of llama.cpp's libraries, as packaging\llama\build.py made it before; without it they are compiled.
#>
[CmdletBinding()]
param(
    [string]$Python = "python",
    [string]$Out = "dist",
    [string]$Llama = ""
)

Set-StrictMode -Version Latest
$ErrorActionPreference = "Stop"
$root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
Set-Location $root

function Invoke-Step {
    # Runs a program and stops the build where it fails, which PowerShell does not do by itself.
    $program, $words = $args
    & $program @words
    if ($LASTEXITCODE -ne 0) { throw "This step failed with code ${LASTEXITCODE}: $args" }
}

function Find-Program([string]$Name, [string[]]$Places, [string]$Remedy) {
    $found = Get-Command $Name -ErrorAction SilentlyContinue
    if ($found) { return $found.Source }
    foreach ($place in $Places) {
        $file = Join-Path $place "$Name.exe"
        if (Test-Path $file) { return $file }
    }
    throw "$Name is not here. $Remedy"
}

$makensis = Find-Program "makensis" @("${env:ProgramFiles(x86)}\NSIS", "$env:ProgramFiles\NSIS") "Install NSIS 3.08 or newer."
$null = Find-Program "cl" @() "Open a Developer PowerShell for Visual Studio with the C++ tools."
$null = Find-Program "cmake" @() "Add CMake in Visual Studio's installer."

if (-not $env:SOURCE_DATE_EPOCH) {
    $env:SOURCE_DATE_EPOCH = & git log -1 --format=%ct
    if ($LASTEXITCODE -ne 0) { throw "Name the moment of the build in SOURCE_DATE_EPOCH: there is no repository here." }
}
$env:PYTHONHASHSEED = "0"

Invoke-Step $Python "packaging\environment.py" "--installer"
$own = Join-Path $root "build\installer\env\Scripts\python.exe"

$resources = Join-Path $root "build\windows"
Invoke-Step $own "packaging\windows\resources.py" "-" $resources
$env:CASEWORTH_ICON = Join-Path $resources "caseworth.ico"
$env:CASEWORTH_VERSION_RESOURCE = Join-Path $resources "version.txt"

$words = @()
if ($Llama) { $words = @("--llama", $Llama) }
Invoke-Step $own "packaging\installer.py" @words
$program = Join-Path $root "build\installer\program\caseworth"

# Our programs, and llama.cpp, which was compiled here; the libraries of others keep the signatures they came with.
$ours = @("$program\caseworth.exe", "$program\caseworth-desk.exe")
$ours += Get-ChildItem "$program\_internal\llama_cpp\lib\*.dll" | ForEach-Object { $_.FullName }
Invoke-Step $own "packaging\signing.py" "WINDOWS" @ours

Invoke-Step $own "packaging\windows\resources.py" $program $resources
$version = & $own -c "from app import __version__; print(__version__)"
$numbers = & $own -c "import sys; sys.path.insert(0, 'packaging/windows'); import resources; print('.'.join(map(str, resources.four_numbers(resources.version()))))"
New-Item -ItemType Directory -Force $Out | Out-Null
$installer = Join-Path (Resolve-Path $Out) "caseworth-$version-windows-x86_64.exe"
$defines = @("-DVERSION=$version", "-DNUMBERS=$numbers", "-DPROGRAM=$program", "-DRESOURCES=$resources", "-DOUT=$installer")
if ($env:CASEWORTH_SIGN_WINDOWS) {
    $defines += "-DSIGN=`"$own`" `"$root\packaging\signing.py`" WINDOWS"
}
Invoke-Step $makensis "-V2" "-WX" "-INPUTCHARSET" "UTF8" @defines "packaging\windows\caseworth.nsi"

$digest = (Get-FileHash -Algorithm SHA256 $installer).Hash.ToLowerInvariant()
Set-Content -Encoding ascii -NoNewline -Path (Join-Path $Out "SHA256SUMS") -Value "$digest  $(Split-Path -Leaf $installer)`n"
Write-Output $installer
