/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_SHELL_H
#define REPLAY_SHELL_H

#include "replay-router.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replay
{

/// What a command line printed and how it ended.
struct ShellResult
{
    int status{0};
    std::string out;
    std::string err;
};

/**
 * Runs command lines as an administrator types them on the router. A plain command runs at once;
 * a line with pipes, redirections or other work for a shell goes to sh(1), where the
 * administrator's tools lead back to the router and its files under /proc are copies.
 */
class Shell
{
  public:
    /// @param router on which; outlives this object
    explicit Shell(Router& router);
    ~Shell();
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    /// @param line as typed @param input its standard input
    ShellResult Run(const std::string& line, const std::string& input = "");

    /// @return commands asked for since the last call that the router does not have
    std::vector<std::string> TakeUnsupported();

    /**
     * The other end: what a tool's name in sh(1) runs.
     * @return exit status, nothing if this process was not called by that name
     */
    static std::optional<int> ServeAsTool(int argc, char** argv);

  private:
    ShellResult RunWords(const std::vector<std::string>& words, const std::string& input);
    ShellResult RunIp(const std::vector<std::string>& words);
    ShellResult RunSh(const std::string& line, const std::string& input);
    ShellResult Attend(int child, int out, int err);
    void Answer(int connection);
    ShellResult Unsupported(const std::string& what);
    void PrepareFolder();
    void ExportProc();
    void ImportSysctls();
    std::string RedirectProc(std::string line) const;

    Router& m_router;
    std::vector<std::string> m_unsupported;
    std::filesystem::path m_folder;                //!< empty until sh(1) is needed
    std::map<std::string, std::string> m_exported; //!< sysctl values as exported
    int m_server{-1};                              //!< where tools call back
};

} // namespace replay

#endif // REPLAY_SHELL_H
