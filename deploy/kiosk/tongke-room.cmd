@echo off
rem Tongke on a classroom's Windows PC: the browser on the whole screen, and again whenever it ends.
rem Put a shortcut to this file into shell:startup. Change the address below to your own.
setlocal
set ADDRESS=https://tongke.example/room
set PROFILE=%LOCALAPPDATA%\TongkeRoom
set BROWSER=%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe
if exist "%ProgramFiles%\Google\Chrome\Application\chrome.exe" set BROWSER=%ProgramFiles%\Google\Chrome\Application\chrome.exe
rem The screen stays on; the disk and the PC do not sleep while it is plugged in.
powercfg /change monitor-timeout-ac 0
powercfg /change standby-timeout-ac 0
:again
start "" /wait "%BROWSER%" --kiosk --user-data-dir="%PROFILE%" --no-first-run --no-default-browser-check --disable-session-crashed-bubble --hide-crash-restore-bubble --noerrdialogs --autoplay-policy=no-user-gesture-required --edge-kiosk-type=fullscreen %ADDRESS%
timeout /t 3 /nobreak >nul
goto again
