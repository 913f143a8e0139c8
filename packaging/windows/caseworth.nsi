; The Windows installer: for this person, or for all. Compiled by build.ps1, and by the tests over a stand-in program.
;
;   makensis -DVERSION=0.1.0 -DNUMBERS=0.1.0.0 -DPROGRAM=dir -DRESOURCES=dir -DOUT=file.exe [-DSIGN="command"] caseworth.nsi
;
; Switches:  /S silent   /AllUsers or /CurrentUser   /D=C:\a folder (last, without quotation marks)
; Uninstall: uninstall.exe /S keeps the person's data; /S /REMOVEDATA removes it.
; Exit codes: 0 done, 1 stopped by the person, 2 failed, 5 the program is running, 10 this Windows is too old, 740 needs an administrator.

Unicode true
!ifdef AMD64
  Target amd64-unicode
!endif
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_INSTDIR "Caseworth"
!define MULTIUSER_INSTALLMODE_FUNCTION KeepGivenFolder
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_MINWIN 0xA00
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Caseworth"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "UninstallString"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define CLASS "Caseworth.Package"

!include MultiUser.nsh
!include MUI2.nsh
!include x64.nsh
!include WinVer.nsh
!include FileFunc.nsh

Name "Caseworth"
OutFile "${OUT}"
BrandingText "Caseworth ${VERSION}"
ManifestDPIAware true
ManifestSupportedOS Win10
SetCompressor /SOLID lzma
SetDateSave off
CRCCheck force
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey /LANG=1033 "ProductName" "Caseworth"
VIAddVersionKey /LANG=1033 "CompanyName" "Caseworth"
VIAddVersionKey /LANG=1033 "FileDescription" "Installer of Caseworth, the credit underwriter's desk"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "LegalCopyright" "Apache-2.0"

; The uninstaller is signed while it is made, the installer when it is done: the command gets the file's name.
!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${RESOURCES}/caseworth.ico"
!define MUI_UNICON "${RESOURCES}/caseworth.ico"
!define MUI_ABORTWARNING
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\caseworth-desk.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "desk"
!define MUI_FINISHPAGE_RUN_NOTCHECKED
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString RUNNING ${LANG_ENGLISH} "Caseworth is running. Close it, then try again."
LangString RUNNING ${LANG_SIMPCHINESE} "Caseworth 正在运行。请关闭后重试。"
LangString TOO_OLD ${LANG_ENGLISH} "Caseworth needs Windows 10 or newer, 64 bits."
LangString TOO_OLD ${LANG_SIMPCHINESE} "Caseworth 需要 64 位的 Windows 10 或更新版本。"
LangString OLD_STAYS ${LANG_ENGLISH} "The version that is installed here could not be removed. Remove it in Windows' settings, then try again."
LangString OLD_STAYS ${LANG_SIMPCHINESE} "无法卸载本机已安装的版本。请先在 Windows 设置中卸载，然后重试。"
LangString PACKAGE ${LANG_ENGLISH} "Caseworth package"
LangString PACKAGE ${LANG_SIMPCHINESE} "Caseworth 决定包"
LangString VERIFY ${LANG_ENGLISH} "Verify"
LangString VERIFY ${LANG_SIMPCHINESE} "验证"
LangString ASK_DATA ${LANG_ENGLISH} "Remove the workspace, too: the cases, decisions, keys, models and settings of the person who is removing this, in$\r$\n$LOCALAPPDATA\Caseworth?$\r$\n$\r$\nThis cannot be undone. Workspaces in other folders, and those of other persons, stay in any case."
LangString ASK_DATA ${LANG_SIMPCHINESE} "是否同时删除工作区，即当前卸载者在以下文件夹中的案件、决定、密钥、模型和设置？$\r$\n$LOCALAPPDATA\Caseworth$\r$\n$\r$\n此操作无法撤销。其他文件夹中的工作区以及其他人的工作区均会保留。"

Var GivenFolder

; What only works alike in installer and uninstaller.
!macro SHARED UN
  Function ${UN}StopWhereRunning
    ClearErrors
    IfFileExists "$INSTDIR\caseworth-desk.exe" 0 done
    FileOpen $0 "$INSTDIR\caseworth-desk.exe" a
    IfErrors 0 free
      MessageBox MB_OK|MB_ICONSTOP "$(RUNNING)" /SD IDOK
      SetErrorLevel 5
      Quit
    free:
      FileClose $0
    done:
      ClearErrors
  FunctionEnd
!macroend
!insertmacro SHARED ""
!insertmacro SHARED "un."

Function KeepGivenFolder
  StrCmp $GivenFolder "" +2
    StrCpy $INSTDIR $GivenFolder
FunctionEnd

Function .onInit
  SetRegView 64
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
    SetErrorLevel 10
    Quit
  ${EndIf}
  StrCpy $GivenFolder $INSTDIR ; of /D, which the modes would overwrite
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AllUsers" $1
  ${IfNot} ${Errors}
  ${AndIf} ${Silent}
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 != "Admin"
      SetErrorLevel 740
      Quit
    ${EndIf}
  ${EndIf}
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
  ReadRegStr $0 HKCU "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 == $INSTDIR ; installed for this person, whoever that is to the machine
    Call un.MultiUser.InstallMode.CurrentUser
  ${EndIf}
  Call un.StopWhereRunning
FunctionEnd

Section
  Call StopWhereRunning
  ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 != ""
  ${AndIf} ${FileExists} "$0\uninstall.exe" ; another version: nothing of it may stay beside this one
    CopyFiles /SILENT "$0\uninstall.exe" "$PLUGINSDIR\old.exe"
    ExecWait '"$PLUGINSDIR\old.exe" /S /$MultiUser.InstallMode _?=$0' $1
    ${If} $1 <> 0
      MessageBox MB_OK|MB_ICONSTOP "$(OLD_STAYS)" /SD IDOK
      SetErrorLevel 2
      Abort
    ${EndIf}
    Delete "$0\uninstall.exe"
    RMDir "$0"
  ${EndIf}

  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\Caseworth.lnk" "$INSTDIR\caseworth-desk.exe" "desk" "$INSTDIR\caseworth-desk.exe" 0

  WriteRegStr SHCTX "Software\Classes\.cwz" "" "${CLASS}"
  WriteRegStr SHCTX "Software\Classes\.cwz" "Content Type" "application/vnd.caseworth.package+zip"
  WriteRegStr SHCTX "Software\Classes\${CLASS}" "" "$(PACKAGE)"
  WriteRegStr SHCTX "Software\Classes\${CLASS}\DefaultIcon" "" "$INSTDIR\caseworth-desk.exe,0"
  WriteRegStr SHCTX "Software\Classes\${CLASS}\shell\open" "" "$(VERIFY)"
  WriteRegStr SHCTX "Software\Classes\${CLASS}\shell\open\command" "" '"$SYSDIR\cmd.exe" /d /k ""$INSTDIR\caseworth.exe" verify "%1""'

  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "Caseworth"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Caseworth"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\caseworth-desk.exe,0"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S /$MultiUser.InstallMode'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" "$0"
  ${RefreshShellIcons}
SectionEnd

Section "Uninstall"
  !include "${RESOURCES}/remove.nsh"
  ${For} $1 1 50 ; a copy of it runs, and the one that started the copy may take a while to end
    Delete "$INSTDIR\uninstall.exe"
    ${IfNot} ${FileExists} "$INSTDIR\uninstall.exe"
      ${ExitFor}
    ${EndIf}
    Sleep 200
  ${Next}
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Caseworth.lnk"

  ReadRegStr $0 SHCTX "Software\Classes\.cwz" ""
  ${If} $0 == "${CLASS}" ; another program may have taken the files over
    DeleteRegKey SHCTX "Software\Classes\.cwz"
  ${EndIf}
  DeleteRegKey SHCTX "Software\Classes\${CLASS}"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  ${RefreshShellIcons}

  SetShellVarContext current ; the person's own data, whoever it was installed for
  ${If} ${FileExists} "$LOCALAPPDATA\Caseworth\*.*"
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/REMOVEDATA" $1
    ${If} ${Errors}
      MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(ASK_DATA)" /SD IDNO IDNO kept
    ${EndIf}
    RMDir /r "$LOCALAPPDATA\Caseworth"
    kept:
  ${EndIf}
SectionEnd
