/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-shell.h"

#include "ns3/nf-command.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace replay
{

using namespace ns3;
namespace fs = std::filesystem;

namespace
{

constexpr const char* SOCKET_VARIABLE = "NF_REPLAY_SOCKET";
constexpr double COMMAND_TIME = 0.005; //!< seconds a command takes, about

/// An administrator's tools: in sh(1) none of them may reach the machine that runs us.
const std::vector<std::string> TOOLS = {"iptables",
                                        "iptables-save",
                                        "iptables-restore",
                                        "ip6tables",
                                        "ip6tables-save",
                                        "ip6tables-restore",
                                        "arptables",
                                        "arptables-save",
                                        "arptables-restore",
                                        "ebtables",
                                        "ebtables-save",
                                        "ebtables-restore",
                                        "nft",
                                        "ipset",
                                        "conntrack",
                                        "nfct",
                                        "nfacct",
                                        "ipvsadm",
                                        "ipvsadm-save",
                                        "ipvsadm-restore",
                                        "nfnl_osf",
                                        "sysctl",
                                        "ip",
                                        "tc",
                                        "bridge",
                                        "brctl",
                                        "ss",
                                        "modprobe",
                                        "dmesg",
                                        "ethtool",
                                        "ifconfig",
                                        "route",
                                        "ping",
                                        "ping6",
                                        "sleep"};

/// Redirections that need no shell.
const std::map<std::string, void (*)(ShellResult&)> REDIRECTIONS = {
    {"2>&1",
     [](ShellResult& r) {
         // Both are pipes to the same reader: messages leave at once, listings when the tool ends.
         r.out = r.err + r.out;
         r.err.clear();
     }},
    {"2>/dev/null", [](ShellResult& r) { r.err.clear(); }},
    {">/dev/null", [](ShellResult& r) { r.out.clear(); }},
};

/// @return true if no character of the line means anything to a shell but quotes and blanks
bool
IsPlain(const std::string& line)
{
    char quote = '\0';
    for (const char c : line)
    {
        const bool special = quote == '\0'  ? std::strchr("|&;<>()$`*?[]#~\n=\\", c) != nullptr
                             : quote == '"' ? std::strchr("$`\\", c) != nullptr
                                            : false;
        if (special && !(c == '=' && quote == '\0'))
        {
            return false;
        }
        if (quote == '\0' && (c == '\'' || c == '"'))
        {
            quote = c;
        }
        else if (c == quote)
        {
            quote = '\0';
        }
    }
    return quote == '\0' && line.find_first_not_of(" \t") != std::string::npos;
}

/// Takes redirections off the end of a line. @return what they do to the result, in order
std::vector<void (*)(ShellResult&)>
TakeRedirections(std::string& line)
{
    std::vector<void (*)(ShellResult&)> taken;
    for (bool again = true; again;)
    {
        again = false;
        const size_t end = line.find_last_not_of(" \t");
        line.resize(end == std::string::npos ? 0 : end + 1);
        for (const auto& [text, effect] : REDIRECTIONS)
        {
            const std::string suffix = " " + text;
            if (line.size() > suffix.size() &&
                line.compare(line.size() - suffix.size(), suffix.size(), suffix) == 0)
            {
                line.resize(line.size() - suffix.size());
                taken.insert(taken.begin(), effect);
                again = true;
                break;
            }
        }
    }
    return taken;
}

bool
ReadsInput(const std::vector<std::string>& words)
{
    const auto has = [&words](const char* word) {
        return std::find(words.begin() + 1, words.end(), word) != words.end();
    };
    const std::string& tool = words.front();
    const bool restore = tool.size() > 8 && tool.compare(tool.size() - 8, 8, "-restore") == 0;
    return restore || has("-") || has("restore") || has("-R") || has("-i") || has("/dev/stdin");
}

void
SendAll(int fd, const std::string& text)
{
    for (size_t sent = 0; sent < text.size();)
    {
        const ssize_t n = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (n <= 0)
        {
            return;
        }
        sent += static_cast<size_t>(n);
    }
}

/// @return false at the end
bool
ReadSome(int fd, std::string& text)
{
    std::array<char, 65536> buffer;
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    text.append(buffer.data(), n > 0 ? static_cast<size_t>(n) : 0);
    return n > 0;
}

std::string
ReadAll(int fd)
{
    std::string text;
    while (ReadSome(fd, text))
    {
    }
    return text;
}

sockaddr_un
SocketAddress(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
    {
        throw std::runtime_error("path of the socket is too long: " + path);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

void
WriteFile(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string
ReadFile(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// "net.ipv4.conf.a/b.x" -> "net/ipv4/conf/a.b/x": in a name, '/' stands for a dot
std::string
SysctlPath(std::string name)
{
    for (char& c : name)
    {
        c = c == '.' ? '/' : c == '/' ? '.' : c;
    }
    return name;
}

std::string
BaseName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

std::optional<double>
Seconds(const std::string& text)
{
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool good = end != text.c_str() && (*end == '\0' || std::strcmp(end, "s") == 0);
    return good && value >= 0 && value < 1e9 ? std::optional(value) : std::nullopt;
}

} // namespace

Shell::Shell(Router& router)
    : m_router(router)
{
}

Shell::~Shell()
{
    if (m_server >= 0)
    {
        close(m_server);
    }
    if (!m_folder.empty())
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
}

std::vector<std::string>
Shell::TakeUnsupported()
{
    return std::exchange(m_unsupported, {});
}

ShellResult
Shell::Unsupported(const std::string& what)
{
    m_unsupported.push_back(what);
    return {127, "", "nf-replay: " + what + ": not supported\n"};
}

ShellResult
Shell::Run(const std::string& line, const std::string& input)
{
    std::string plain = line;
    const auto redirections = TakeRedirections(plain);
    NfResult<std::vector<std::string>> words =
        IsPlain(plain) ? NfSplitWords(plain) : NfResult<std::vector<std::string>>(NfError{});
    const bool direct = words && !words->empty() &&
                        std::find(TOOLS.begin(), TOOLS.end(), words->front()) != TOOLS.end();
    if (!direct)
    {
        return RunSh(line, input);
    }
    ShellResult result = RunWords(*words, input);
    for (const auto effect : redirections)
    {
        effect(result);
    }
    return result;
}

ShellResult
Shell::RunWords(const std::vector<std::string>& words, const std::string& input)
{
    const std::string& tool = words.front();
    if (tool == "sleep")
    {
        const auto seconds = Seconds(words.size() > 1 ? words[1] : "");
        if (!seconds)
        {
            return {1, "", "sleep: invalid time interval\n"};
        }
        m_router.Advance(*seconds);
        return {};
    }
    m_router.Advance(COMMAND_TIME);
    if (tool == "ip")
    {
        return RunIp(words);
    }
    if (tool == "modprobe")
    {
        return {};
    }
    if (!NfHasCommand(tool))
    {
        return Unsupported(tool);
    }
    const NfCommandResult result = NfRunCommand(m_router.GetNetns(), NfCommandLine{words, input});
    if (result.status == 127)
    {
        m_unsupported.push_back(tool);
    }
    return {result.status, result.out, result.err};
}

ShellResult
Shell::RunIp(const std::vector<std::string>& words)
{
    std::string whole;
    for (const std::string& word : words)
    {
        whole += (whole.empty() ? "" : " ") + word;
    }
    std::vector<std::string> rest;
    std::copy_if(words.begin() + 1, words.end(), std::back_inserter(rest), [](const auto& word) {
        return word != "-4" && word != "-6" && word != "dev" && word != "nodad";
    });
    const auto at = [&rest](size_t i) { return i < rest.size() ? rest[i] : ""; };
    const std::string object = at(0).substr(0, 1);
    const std::string verb = at(1);
    try
    {
        if (object == "l" && verb == "set" && (at(3) == "up" || at(3) == "down"))
        {
            return m_router.SetUp(at(2), at(3) == "up")
                       ? ShellResult{}
                       : ShellResult{1, "", "Cannot find device \"" + at(2) + "\"\n"};
        }
        if (object == "a" && verb == "add")
        {
            // ns-3 knows the broadcast address without "brd".
            const bool broadcast = at(3) == "brd";
            return {m_router.AddAddress(at(broadcast ? 5 : 3), at(2)) ? 0 : 2, "", ""};
        }
        if (object == "a" && verb.rfind("del", 0) == 0)
        {
            return {m_router.RemoveAddress(at(3), at(2)) ? 0 : 2, "", ""};
        }
        const size_t route = whole.find(" add ");
        if (object == "r" && verb == "add" && m_router.AddRoute(whole.substr(route + 5)))
        {
            return {};
        }
    }
    catch (const std::exception& e)
    {
        return {1, "", std::string("Error: ") + e.what() + "\n"};
    }
    return Unsupported(whole);
}

void
Shell::PrepareFolder()
{
    if (!m_folder.empty())
    {
        return;
    }
    std::string name = (fs::temp_directory_path() / "nf-replay-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
    {
        throw std::runtime_error("no temporary directory: " + name);
    }
    m_folder = name;
    fs::create_directory(m_folder / "bin");
    const fs::path self = fs::read_symlink("/proc/self/exe");
    for (const std::string& tool : TOOLS)
    {
        fs::create_symlink(self, m_folder / "bin" / tool);
    }
    const sockaddr_un address = SocketAddress((m_folder / "socket").string());
    m_server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (m_server < 0 ||
        bind(m_server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(m_server, 8) != 0)
    {
        throw std::runtime_error("no socket for the shell");
    }
}

void
Shell::ExportProc()
{
    for (const auto& [name, reader] : m_router.GetNetns().GetProc())
    {
        WriteFile(m_folder / "proc/net" / name, reader());
    }
    m_exported.clear();
    for (const auto& [name, knob] : m_router.GetNetns().GetSysctls().GetAll())
    {
        if (!knob.listed)
        {
            continue;
        }
        const std::string value = knob.read ? knob.read() + "\n" : "";
        WriteFile(m_folder / "proc/sys" / SysctlPath(name), value);
        m_exported[name] = value;
    }
}

void
Shell::ImportSysctls()
{
    for (const auto& [name, before] : m_exported)
    {
        std::string now = ReadFile(m_folder / "proc/sys" / SysctlPath(name));
        if (now != before)
        {
            now.erase(std::remove(now.begin(), now.end(), '\n'), now.end());
            (void)bool(m_router.GetNetns().GetSysctls().Write(name, now));
        }
    }
}

std::string
Shell::RedirectProc(std::string line) const
{
    static const std::map<std::string, std::string> PLACES = {
        {"/proc/net/", "/proc/net/"},
        {"/proc/self/net/", "/proc/net/"},
        {"/proc/thread-self/net/", "/proc/net/"},
        {"/proc/sys/", "/proc/sys/"}};
    for (const auto& [from, to] : PLACES)
    {
        const std::string copy = m_folder.string() + to;
        for (size_t at = line.find(from); at != std::string::npos; at = line.find(from, at))
        {
            const bool ours =
                at >= m_folder.string().size() && line.compare(at - m_folder.string().size(),
                                                               m_folder.string().size(),
                                                               m_folder.string()) == 0;
            if (!ours)
            {
                line.replace(at, from.size(), copy);
            }
            at += ours ? from.size() : copy.size();
        }
    }
    return line;
}

ShellResult
Shell::RunSh(const std::string& line, const std::string& input)
{
    PrepareFolder();
    m_router.Advance(COMMAND_TIME);
    const bool files = line.find("/proc/") != std::string::npos;
    if (files)
    {
        ExportProc();
    }
    WriteFile(m_folder / "stdin", input);
    const std::string script = RedirectProc(line);
    std::array<int, 2> out{};
    std::array<int, 2> err{};
    if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    {
        throw std::runtime_error("no pipe for the shell");
    }
    const pid_t child = fork();
    if (child == 0)
    {
        const char* path = std::getenv("PATH");
        setenv("PATH",
               ((m_folder / "bin").string() + ":" + (path ? path : "/usr/bin:/bin")).c_str(),
               1);
        setenv(SOCKET_VARIABLE, (m_folder / "socket").c_str(), 1);
        setenv("LC_ALL", "C", 1);
        dup2(open((m_folder / "stdin").c_str(), O_RDONLY), STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
        _exit(126);
    }
    close(out[1]);
    close(err[1]);
    ShellResult result = Attend(child, out[0], err[0]);
    close(out[0]);
    close(err[0]);
    if (files)
    {
        ImportSysctls();
    }
    return result;
}

ShellResult
Shell::Attend(int child, int out, int err)
{
    ShellResult result;
    std::array<pollfd, 3> waits = {pollfd{m_server, POLLIN, 0},
                                   pollfd{out, POLLIN, 0},
                                   pollfd{err, POLLIN, 0}};
    while ((waits[1].fd >= 0 || waits[2].fd >= 0) && poll(waits.data(), waits.size(), -1) >= 0)
    {
        if (waits[0].revents & POLLIN)
        {
            Answer(accept4(m_server, nullptr, nullptr, SOCK_CLOEXEC));
        }
        for (size_t i = 1; i < waits.size(); i++)
        {
            if (waits[i].revents != 0 && !ReadSome(waits[i].fd, i == 1 ? result.out : result.err))
            {
                waits[i].fd = -1;
            }
        }
    }
    int status = 0;
    waitpid(child, &status, 0);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

void
Shell::Answer(int connection)
{
    if (connection < 0)
    {
        return;
    }
    const Json request = Json::parse(ReadAll(connection), nullptr, false);
    ShellResult result{126, "", ""};
    if (request.is_object())
    {
        result = RunWords(request["args"], request["stdin"]);
    }
    const Json answer = {{"rc", result.status}, {"out", result.out}, {"err", result.err}};
    SendAll(connection, answer.dump(-1, ' ', false, Json::error_handler_t::replace));
    close(connection);
}

std::optional<int>
Shell::ServeAsTool(int argc, char** argv)
{
    const char* path = std::getenv(SOCKET_VARIABLE);
    std::vector<std::string> words(argv, argv + argc);
    if (path == nullptr || words.empty())
    {
        return std::nullopt;
    }
    words.front() = BaseName(words.front());
    if (std::find(TOOLS.begin(), TOOLS.end(), words.front()) == TOOLS.end())
    {
        return std::nullopt;
    }
    const sockaddr_un address = SocketAddress(path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    {
        return 126;
    }
    const std::string input = ReadsInput(words) ? ReadAll(STDIN_FILENO) : "";
    SendAll(fd, Json{{"args", words}, {"stdin", input}}.dump());
    shutdown(fd, SHUT_WR);
    const Json answer = Json::parse(ReadAll(fd), nullptr, false);
    close(fd);
    if (!answer.is_object())
    {
        return 126;
    }
    std::cerr << answer["err"].get<std::string>() << std::flush;
    std::cout << answer["out"].get<std::string>() << std::flush;
    return answer["rc"].get<int>();
}

} // namespace replay
